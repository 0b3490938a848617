"""What every payment provider's adapter does: the fake, and Stripe's on the sandbox."""
