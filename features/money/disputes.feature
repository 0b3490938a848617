Feature: A shopper takes a payment up with their bank
  The bank takes the money while it decides. Somebody is asked to answer, and the books say where the money is.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has paid for 1 "Green tea"

  Scenario: The bank takes the money
    When the shopper disputes the payment
    Then somebody is asked to look at the order
    And the books say
      | account  | amount     |
      | disputed | 20.23 EUR  |
      | sales    | -12.00 EUR |
      | delivery | -5.00 EUR  |
      | tax      | -3.23 EUR  |

  Scenario: Disputed money is not given back
    When the shopper disputes the payment
    Then somebody is asked to look at the order
    When the merchant gives everything back
    Then the refund is refused because the bank has the money in hand

  Scenario: The merchant wins
    When the shopper disputes the payment
    Then somebody is asked to look at the order
    When the bank decides for the merchant
    Then the books say
      | account  | amount     |
      | provider | 20.23 EUR  |
      | sales    | -12.00 EUR |
      | delivery | -5.00 EUR  |
      | tax      | -3.23 EUR  |
    And nobody is asked to look at the order any more

  Scenario: The merchant loses
    When the shopper disputes the payment
    Then somebody is asked to look at the order
    When the bank decides for the shopper
    Then the books say
      | account     | amount     |
      | written_off | 20.23 EUR  |
      | sales       | -12.00 EUR |
      | delivery    | -5.00 EUR  |
      | tax         | -3.23 EUR  |
    And nobody is asked to look at the order any more
