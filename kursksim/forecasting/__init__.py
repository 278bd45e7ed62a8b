"""Forecasts of any date: campaigns steered through what was observed by then, and let go.

A particle filter over midnights. ``known`` says what could be read on the evening of the origin,
``record`` holds campaigns against it, ``filtering`` has the weights and the resampling,
``particles`` plays from one observation to the next, and ``make`` puts them together.
"""

from kursksim.forecasting.make import forecast, hindcast
from kursksim.forecasting.results import Forecast, load_forecast

__all__ = ["Forecast", "forecast", "hindcast", "load_forecast"]
