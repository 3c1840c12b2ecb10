"""Services of AWS that speak JSON 1.1 and have few operations here: CloudTrail, Service Quotas."""
