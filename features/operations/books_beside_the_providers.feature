Feature: The shop's books are compared with the payment provider's
  News of a payment can get lost on its way. What the provider's books show and ours lack is made good; what
  nothing explains is shown to a person; and a second look finds nothing new.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR

  Scenario: Books that agree
    Given a shopper has paid for 1 "Green tea" with a card that works
    When the books are compared with the provider's
    Then nothing about the order differs

  Scenario: The shop never heard that the shopper had confirmed
    Given a shopper has placed an order for 1 "Green tea"
    And the provider's news get lost
    When the shopper pays with a card that asks the bank
    And the shopper confirms at the bank
    And the books are compared with the provider's
    Then what differed about the order is made good
    And the order is paid
    And the provider has collected 20.23 EUR
    When the books are compared with the provider's
    Then nothing about the order differs

  Scenario: Somebody gave money back at the provider's own desk
    Given a shopper has paid for 1 "Green tea" with a card that works
    When somebody gives 5.00 EUR back at the provider's own desk
    And the books are compared with the provider's
    Then a person is asked to look at what differed
    And the books say
      | account  | amount     |
      | provider | 20.23 EUR  |
      | sales    | -12.00 EUR |
      | delivery | -5.00 EUR  |
      | tax      | -3.23 EUR  |
    When the books are compared with the provider's
    Then nobody is asked a second time
