Feature: A cart says what it still needs
  A cart may be incomplete for as long as it likes, and always says what is missing before it can be ordered.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR

  Scenario: An empty cart
    When a shopper opens an empty cart
    Then the cart is incomplete
    And it asks for goods, an e-mail address, a name and a delivery address

  Scenario: A cart without a delivery choice
    When a shopper puts 1 "Green tea" into a cart
    And gives a name, an e-mail address and an address in Germany
    Then the cart is incomplete
    And it asks for a delivery choice

  Scenario: A cart that has everything
    When a shopper puts 1 "Green tea" into a cart
    And has it delivered to Germany by standard delivery
    Then the cart is ready

  Scenario: More than there is
    Given 3 pieces of "Green tea" are in stock
    When a shopper puts 4 "Green tea" into a cart
    And has it delivered to Germany by standard delivery
    Then the cart is incomplete
    And it says that "Green tea" is out of stock
