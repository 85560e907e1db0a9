"""The playground cell: settings by sliders, curves while they grow, earlier runs beside them, the code on request."""
