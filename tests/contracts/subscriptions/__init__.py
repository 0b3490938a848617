"""The contract of billing subscriptions, on the fake and on Stripe's adapter at the sandbox."""
