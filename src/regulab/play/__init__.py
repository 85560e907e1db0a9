"""The playground cell: settings by sliders, curves that grow, earlier runs alongside them, the code on request."""
