"""The house rules that a program can check, each with a planted violation that it must find."""
