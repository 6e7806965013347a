"""Local doubles of the social networks: their reply APIs (`server`), their users (`people`) and a storm of both."""
