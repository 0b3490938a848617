Feature: Refunds at the same moment share what there is
  Several people in a shop may give money back for the same order at once. As many get through as fit.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has paid for 1 "Green tea"

  Scenario: Six people give 5.00 EUR each
    When 6 people at once give 5.00 EUR back
    Then 4 of them were let
    And the provider has collected 0.23 EUR

  Scenario: Six people give everything
    When 6 people at once give everything back
    Then 1 of them was let
    And the provider has collected nothing
