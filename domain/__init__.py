"""What is true: money, orders, payments and the decision what happens next. No clock, no I/O, no await."""
