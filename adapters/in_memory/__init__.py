"""A fake for every port that behaves like the real thing; the same contract suites run on both."""
