"""What each key of a scenario and of a what-if means, in the words that editors show."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["HEAD_KEYS", "ROW_KEYS", "SHARED_KEYS", "SLOT_KEYS", "TABLE_KEYS", "WHAT_IF_KEYS"]

HEAD_KEYS: Mapping[str, str] = {
    "schema": "Version of this format.",
    "title": "What lists and plots call the scenario.",
    "summary": "A paragraph about the campaign, for readers.",
    "fictional": "Whether its places and forces are invented.",
    "start": "Day 0, a date without quotes.",
    "days": "Number of days, the first and the last included.",
    "key_place": "The place whose fall is reported.",
    "sides": "Who plays the two roles, holder and attacker.",
    "grid": "The window of the map, and the size of its hexagons.",
    "supply": "Where supplies come from, where they go, and the roads that are watched.",
    "withdrawal": "The crossings over which the holder leaves, and the lines on the way.",
    "policies": "Decision rule of each role: NAME or NAME:ARGUMENT.",
    "models": "Model of each part of the day; a part left out takes the default.",
    "cuts": "Arrows of the chain that are cut, such as tonnage-power.",
    "aliases": "Name of a model parameter, and the id that the ledger has for it.",
    "as_of": "Date of a forecast: weather and attacks that became known later are not read.",
    "border": "Vertices [lon, lat] in order of the line that cuts the window in two.",
    "outline": "Vertices [lon, lat] in order of the held ground on day 0, the first not repeated.",
    "outline_rings": "Further rings of the outline, each of [lon, lat]: holes and other parts.",
    "tables": "CSV files of the tables, relative to the folder; border and outline may be GeoJSON.",
    "defaults": "What rows take that leave these fields out.",
}
"""Keys of scenario.toml that are no tables of rows."""

TABLE_KEYS: Mapping[str, str] = {
    "parameters": "The ledger: one row a number, with its range, unit, source and status.",
    "sources": "Publications and data sets that numbers rest on.",
    "places": "Named points on the map.",
    "legs": "Stretches of road between two places.",
    "crossings": "Bridges, dams, ferries and pontoons with a capacity of their own.",
    "depots": "Depots, by their places, where there are several; the one without a share takes the "
    "rest of the stock.",
    "routes": "Lines of communication from base to depot; the one without a share takes the rest.",
    "axes": "Sectors of the front; a cell belongs to the axis with the nearest seed.",
    "contingents": "Men of one side with one origin.",
    "inputs": "What happens to the campaign on a date, or on the day that a parameter names.",
    "attacks": "Dated reports of attacks by the attacker, which his plan may follow.",
    "weather": "Days whose weather was reported or forecast; the models `table` and "
    "`months` read them.",
    "lines": "Courses of rivers, and of legs that are drawn.",
    "areas": "Polygons of wooded ground, of wet ground and of water.",
}
"""Tables of rows."""

SLOT_KEYS: Mapping[str, str] = {
    "weather": "Whether drones fly, and how deep the mud is.",
    "supply": "What men need, what is sent, and how a short stock is stretched.",
    "interdiction": "What drone teams do to convoys on the roads.",
    "air": "What fires from the air do to positions, crossings and depots.",
    "assault": "Whether the attacker pushes or pauses.",
    "combat": "Losses of both sides, and the advance.",
    "withdrawal": "How the holder leaves after the order.",
    "diplomacy": "What a ceasefire on offer is worth.",
}
"""Slots of models."""

SHARED_KEYS: Mapping[str, str] = {
    "id": "Name by which other rows, what-ifs and results call it.",
    "name": "What plots and lists call it.",
    "note": "A remark for the reader.",
    "source": "Keys of the table sources, set apart by semicolons.",
    "status": "How well the row is known; only 'assumed' may do without a source.",
    "lat": "Latitude, degrees north.",
    "lon": "Longitude, degrees east.",
    "uncertainty_km": "How far off its position may be, km.",
    "date": "The day, a date without quotes.",
    "until": "The last day, where it lasts; a date without quotes.",
    "known_on": "The day on which it could be known, a date without quotes.",
}
"""Fields that mean the same in every table."""

ROW_KEYS: Mapping[str, Mapping[str, str]] = {
    "sides": {"name": "Full name of the side.", "short": "Short name, for labels and tables."},
    "grid": {
        "resolution": "Resolution of the H3 cells: 8 for cells of 0.7 km², 7 for 5 km².",
        "west": "Longitude of the western edge of the window, degrees.",
        "east": "Longitude of the eastern edge of the window, degrees.",
        "south": "Latitude of the southern edge of the window, degrees.",
        "north": "Latitude of the northern edge of the window, degrees.",
        "front_factor": "Length of a smooth front over that of the hexagon edges along it.",
    },
    "supply": {
        "base": "The place from which convoys leave.",
        "depot": "The place to which they drive.",
        "main_route": "The route over which replacements march in.",
        "watched_legs": "Legs over which loss per trip and nearness of the front are reported.",
    },
    "withdrawal": {
        "exits": "Places at which the holder leaves the held ground.",
        "phase_lines": "Places that name the lines, from the far end to the border.",
        "exits_are_crossings": "Whether exits are near ends of crossings, and open with them.",
    },
    "policies": {
        "holder": "Rule of the side that holds the ground, such as threshold.",
        "attacker": "Rule of the side that attacks, such as shaping.",
    },
    "defaults": {
        "source": "Source of rows that name none.",
        "status": "Status of rows that name none.",
    },
    "parameters": {
        "value": "The default.",
        "low": "Lower end of the plausible range.",
        "high": "Upper end of the plausible range.",
        "unit": "Unit of value, low and high.",
        "group": "Heading under which lists show it.",
        "meaning": "What the number is, in words.",
        "read": "Date and finding of a second reading of its source.",
    },
    "sources": {
        "key": "Name by which rows call the source.",
        "title": "Title of the publication.",
        "author": "Who wrote or published it.",
        "date": "When it was published, as text.",
        "url": "Where it can be read.",
        "supports": "What it is cited for.",
        "reliability": "How far it can be relied on; 'none' for a judgement.",
        "terms": "Who may use it for what.",
    },
    "places": {
        "urban_radius_km": "Radius of its built-up area, km; 0 for none.",
        "label": "Whether maps show its name.",
    },
    "legs": {
        "from_place": "Place at which it begins.",
        "to_place": "Place at which it ends.",
        "length_km": "Length by road, km.",
        "low_km": "Shortest length that is plausible, km.",
        "high_km": "Longest length that is plausible, km.",
        "paved": "Whether it is paved: mud slows only roads that are not.",
        "crossing": "Name of the crossing on it, if any; a row of crossings may say more of it.",
        "ew_cover": "Share of it under the holder's jamming on day 0, from 0 to 1.",
        "tracks": "Parameter with the number of unpaved ways beside it.",
    },
    "crossings": {
        "kind": "What it is: bridge, dam, ferry or pontoon.",
        "vehicles_per_hour": "Parameter with the vehicles that it carries in an hour, both ways.",
        "tonnes_per_day": "Parameter with the tonnes that it carries in a day.",
        "lanes": "Lanes of a bridge or rafts of a ferry, which share the capacity alike.",
        "heavy": "Whether it bears heavy equipment.",
    },
    "depots": {
        "share": "Parameter with its share of the stock on day 0; empty for the rest.",
    },
    "routes": {
        "base": "The place from which its convoys leave; that of [supply] if empty.",
        "depot": "The place to which they drive; that of [supply] if empty.",
        "legs": "Ids of its legs in order, from the base to the depot.",
        "share": "Parameter with its share of the trips; empty for the route that takes the rest.",
    },
    "axes": {
        "place": "Place from which columns leave for it.",
        "effort": "Parameter with the attacker's intended effort.",
        "aim": "Place for which the attack makes; the nearest point of the watched roads if empty.",
        "depot": "The depot that feeds it; that of [supply] if empty.",
        "across": "Whether it lies on the holder's own side, where an input opens it.",
        "radius_km": "How far from its seed an axis across the border reaches, km; 0 for no limit.",
    },
    "contingents": {
        "side": "Whose men they are.",
        "men": "Parameter with their number.",
        "station": "Whether they stand on the front or on the border.",
        "replacements": "Parameter with the men who join them each day.",
        "effectiveness": "Parameter with the worth of one of them at first.",
        "excess_loss": "Parameter with their losses over those of others.",
        "learning": "Parameter that says how fast they learn.",
        "breakoff_loss": "Parameter with the share of them whose loss takes them out of the line.",
        "rest_days": "Parameter with the days for which they rest after that.",
        "grouping": "Parameter with the size of the whole grouping on day 0, rear included.",
        "grouping_peak": "Parameter with the largest size of the grouping.",
        "peak_day": "Parameter with the day of that size.",
        "forward_share": "Parameter with the share of the growth that comes forward.",
        "within": "The contingent in whose grouping these men are counted.",
    },
    "inputs": {
        "kind": "What happens.",
        "parameter": "Parameter with the day index on which it happens, in place of a date.",
        "until_parameter": "Parameter with its last day index, in place of until.",
        "target": "The contingent, axis, leg or crossing that it concerns.",
        "amount": "Parameter with how much of it there is; of a crossing, the share of its "
        "capacity from then on.",
        "bears": "What a crossing bears from then on; empty leaves it as it was.",
        "side": "The side whose own decision it is; its orders may then move it.",
    },
    "attacks": {"axis": "The axis that was attacked.", "place": "The place that the report names."},
    "weather": {
        "flying": "Whether drones flew; unknown where no report says.",
        "ground": "State of the ground; unknown where no report says.",
    },
    "lines": {
        "kind": "A river, or a road.",
        "points": "Vertices [lon, lat] in order.",
        "width_km": "Width of a river that only roads cross, km; 0 for one that is an obstacle "
        "and no more.",
    },
    "areas": {
        "kind": "Wooded or wet ground, or water, which nobody holds.",
        "points": "Vertices [lon, lat] in order.",
    },
}
"""Fields of sections and rows that have a meaning of their own."""

WHAT_IF_KEYS: Mapping[str, str] = {
    "title": "The change in a few words.",
    "why": "The question that it is to answer.",
    "scenario": "The scenario that it is written for; leave it out for any.",
    "expect": "Outcome, and what you expect of it before it is played: more, less or same.",
    "cut": "Arrows of the chain that are cut, such as tonnage-power.",
    "set": "Dotted path of a value, such as parameters.fleet_0, and its new value.",
    "add": "New rows, by table.",
    "remove": "Ids of the rows that are taken out, by table.",
}
"""Keys of a what-if."""
