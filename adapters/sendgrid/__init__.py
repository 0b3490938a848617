"""SendGrid: e-mail through its v3 API."""
