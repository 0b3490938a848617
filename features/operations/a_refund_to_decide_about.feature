Feature: A refund that failed is decided by a person
  What a bank sent back is shown to an operator. They see beforehand what each decision would do; whatever
  they decide is kept with their name and their reason.

  Background:
    Given the shop sells "Green tea" for 12.00 EUR
    And a shopper has paid for 1 "Green tea" with a card whose refunds come back
    And the bank has sent back a refund of everything

  Scenario: What can be done
    Then an operator can try again, or leave it as it is
    And trying again would give 20.23 EUR back
    And leaving it as it is would give nothing back
    And the provider has collected 20.23 EUR

  Scenario: Trying again
    When "Kim" tries again because "the card was renewed"
    Then the shopper sees these refunds
      | amount    | how it stands |
      | 20.23 EUR | failed        |
      | 20.23 EUR | arrived       |
    And the provider has collected nothing
    And nobody is asked to look at the order any more
    And the order's story tells that "Kim" decided because "the card was renewed"

  Scenario: Leaving it as it is
    When "Kim" leaves it as it is because "paid back in cash"
    Then nobody is asked to look at the order any more
    And the provider has collected 20.23 EUR
    And the order's story tells that "Kim" decided because "paid back in cash"

  Scenario: A decision stands
    When "Kim" leaves it as it is because "paid back in cash"
    And "Robin" tries again because "the card was renewed"
    Then the decision is refused because it was decided already
    And the provider has collected 20.23 EUR

  Scenario: Calling the order off is no answer to it
    When "Kim" calls the order off because "the shopper is angry"
    Then the decision is refused because it would do nothing
