"""The few pages people see: drawn here, with nothing fetched from elsewhere."""
