"""`make crosscheck`: our payment contract and the Stripe adapter at a fake of Stripe that others wrote."""
