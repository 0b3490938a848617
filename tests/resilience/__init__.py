"""The seam to vendors, piece by piece and as a whole."""
