"""docket: wake-ups, leases and delays, behind one narrow port."""
