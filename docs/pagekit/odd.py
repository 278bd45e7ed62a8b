TEMPLATE = "odd.in.md"
def page(t): return t
