"""How: one folder a vendor, each translating between its words and the ports."""
