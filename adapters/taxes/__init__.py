"""What stands in front of a tax service, whichever it is: where it is asked, what is believed of it, what it
said before.
"""
