"""What every tax calculator promises."""
