"""What a page may load: nothing, or the images inside it. No script runs, whatever the page holds."""

TEXT_ONLY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
WITH_IMAGES = f"{TEXT_ONLY}; img-src data:"
