"""Decision rules as pure functions: criteria, screen result, alerts from answers, opening time. Table-tested."""
