"""Pictures at addresses of others: fetched when somebody says so, from the public internet only, and then checked as what
people send."""
