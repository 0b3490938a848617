"""What a payment provider keeps of customers, on the fake and on Stripe's adapter."""
