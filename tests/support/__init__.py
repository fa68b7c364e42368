"""What tests share: a clock that is moved by hand, a mailer that remembers, an exchange of their own."""
