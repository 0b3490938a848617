@carriers
Feature: A carrier that does not answer is not waited for
  All carriers are asked at the same moment. Whoever is too slow is left out, and the shopper is told.

  Background:
    Given the shop sells "Green tea" for 12.00 USD

  Scenario: Everybody answers
    When a shopper wants 1 "Green tea" delivered to New York
    Then FedEx, UPS and USPS have offers
    And nothing is said about the carriers

  Scenario: One is silent
    Given UPS does not answer
    When a shopper wants 1 "Green tea" delivered to New York
    Then FedEx and USPS have offers
    And the shopper is told that a carrier did not answer
