"""The report: what some finished runs have shown, as one HTML file that needs nothing else.

`document` puts the sections in order, each section is a file here, `markup` is the one door through which text comes
in. It asks the rooms to its left and computes no score itself; it knows neither the command line nor the page.
"""
