# Choices of one environment: copy to NAME.tfvars, and `make up ENVIRONMENT=NAME` takes them. variables.tf explains each.

region = "us-east-1"

# From where kubectl may reach the cluster, and who may administer it.
api_allowed_cidrs = ["203.0.113.7/32"]
admins            = ["arn:aws:iam::123456789012:role/operator"]

# An environment for a while: `make down` takes images and records along, and the nightly job destroys it.
ephemeral = true

budget = {
  monthly_limit = 200
  emails        = ["ops@example.com"]
}
