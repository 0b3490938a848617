"""Feature flags through OpenFeature: a file that is looked at again while the shop is open, and the
environment.
"""
