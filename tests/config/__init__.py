"""The company's decisions and the machine's settings: loaded, refused and judged."""
