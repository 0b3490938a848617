"""The servers that development and tests run on behave like real ones, and leave nothing behind."""
