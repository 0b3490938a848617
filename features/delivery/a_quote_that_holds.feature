@carriers
Feature: A delivery price that was shown is kept
  Whoever was shown a carrier's price pays that price for as long as it was promised.

  Background:
    Given the shop sells "Green tea" for 12.00 USD
    And a shopper wants 1 "Green tea" delivered to New York

  Scenario: The carrier gets dearer while the shopper thinks
    When FedEx gets dearer
    And the shopper chooses FedEx's cheapest offer
    Then delivery costs what was shown
    When the shopper places the order
    Then the order waits to be paid

  Scenario: The carrier is gone when the order is placed
    When the shopper chooses FedEx's cheapest offer
    And no carrier answers any more
    And the shopper places the order
    Then the order waits to be paid
