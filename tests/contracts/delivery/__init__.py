"""What everybody who offers delivery promises."""
