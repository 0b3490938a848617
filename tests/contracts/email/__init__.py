"""What every sender of e-mail promises, and what SendGrid's answers mean."""
