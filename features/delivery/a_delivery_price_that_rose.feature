@carriers
Feature: A delivery price that rose has to be agreed to
  When the promise has run out, the carrier is asked again, and nobody pays more than they agreed to.

  Background:
    Given the shop sells "Green tea" for 12.00 USD
    And a shopper wants 1 "Green tea" delivered to New York
    And the shopper chooses FedEx's cheapest offer

  Scenario: It costs more now
    When FedEx gets dearer
    And the promised time runs out
    And the shopper wants to place the order
    Then the order is refused because the price changed
    And delivery costs more than was shown

  Scenario: The shopper agrees
    When FedEx gets dearer
    And the promised time runs out
    And the shopper wants to place the order
    Then the order is refused because the price changed
    When the shopper places the order
    Then the order waits to be paid
