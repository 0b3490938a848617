Feature: An address that nobody can check is taken as it was typed
  Whoever knows which addresses exist may be out of reach. That keeps nobody from ordering.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR

  Scenario: Nobody can be asked
    Given nobody can say for a while whether an address exists
    When a shopper puts 1 "Green tea" into a cart
    And has it delivered to Germany by standard delivery
    Then the cart is ready
    And the cart says that the address could not be checked
    When the shopper places the order
    Then the order waits to be paid
    And the order's story says that the address was not checked
