Feature: Money that fails days after it was collected
  A provider may say that it has collected the money, and days later that it did not come. Nobody is charged again,
  and the order stays complete; a person decides about what is owed.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And new orders begin with the other provider
    And a shopper has paid for 1 "Green tea"

  Scenario: Somebody is told, and the order stays as it is
    When the provider says that the money did not come
    Then somebody is asked to look at the order
    And the order is paid
    And the provider has collected nothing
    And the books say
      | account  | amount     |
      | shopper  | 20.23 EUR  |
      | sales    | -12.00 EUR |
      | delivery | -5.00 EUR  |
      | tax      | -3.23 EUR  |

  Scenario: What is owed is given up
    When the provider says that the money did not come
    Then somebody is asked to look at the order
    And leaving it as it is would write 20.23 EUR off
    When "Kim" leaves it as it is because "paid in cash"
    Then nobody is asked to look at the order any more
    And the order is paid
    And the order's story tells that "Kim" decided because "paid in cash"
    And the books say
      | account     | amount     |
      | written_off | 20.23 EUR  |
      | sales       | -12.00 EUR |
      | delivery    | -5.00 EUR  |
      | tax         | -3.23 EUR  |

  Scenario: There is nothing to give back
    When the provider says that the money did not come
    Then somebody is asked to look at the order
    When the merchant gives everything back
    Then the refund is refused because so much is not left

  Scenario: The books agree with the provider's afterwards
    When the provider says that the money did not come
    Then somebody is asked to look at the order
    When the books are compared with the provider's
    Then nothing about the order differs
