@carriers
Feature: The shop sells on when no carrier answers
  The shop's own flat rates stand in for the carriers, and are marked as estimates.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And no carrier answers

  Scenario: Looking at the offers
    When a shopper wants 1 "Green tea" delivered to Germany
    Then all offers are estimates of the shop's own
    And the shopper is told that flat rates are used

  Scenario: An order at a flat rate can be told from others
    When a shopper wants 1 "Green tea" delivered to Germany
    And chooses the cheapest offer
    And the shopper places the order
    Then the order waits to be paid
    And the order's story tells of an estimated delivery price
