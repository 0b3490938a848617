Feature: A delivery address is checked, and the shopper decides
  An address that is nearly right is suggested as it probably was meant. The shopper takes it or keeps their own.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has a ready cart with 1 "Green tea" for 20.23 EUR

  Scenario: An address that exists
    When the shopper has it delivered to "Marienplatz 8, 80331 München" instead
    Then the cart has nothing to say of the address
    When the shopper places the order
    Then the order's story says that the address exists

  Scenario: The shopper takes the suggestion
    When the shopper has it delivered to "Marienplaz 8, 80331 München" instead
    Then the cart is ready
    And the cart suggests "Marienplatz 8, 80331 München"
    When the shopper takes the suggested address
    Then the cart has nothing to say of the address
    When the shopper places the order
    Then the order's story says that the address was corrected

  Scenario: The shopper knows better
    When the shopper has it delivered to "Marienplatz 8, 80313 München" instead
    Then the cart suggests "Marienplatz 8, 80331 München"
    When the shopper places the order
    Then the order waits to be paid
    And the order's story says that the address was kept against a suggestion

  Scenario: An address that nobody knows
    When the shopper has it delivered to "Am Ende der Welt 99, 99999 Nirgendwo" instead
    Then the cart is ready
    And the cart says that the address could not be found
    When the shopper places the order
    Then the order's story says that the address was not found
