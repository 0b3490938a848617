"""What a test, QA or the demo may see and make happen behind the vendors' backs, under `/_control`."""
