# Which pods have AWS rights, and which: none but these.

locals {
  # Writes the shop's address into the zone, and proves by a TXT record that it was the one who wrote it.
  external_dns = var.domain == null ? {} : {
    external-dns = {
      namespace       = "external-dns"
      service_account = "external-dns"
      statements = [
        {
          actions    = ["route53:ChangeResourceRecordSets"]
          resources  = [module.dns[0].zone_arn]
          conditions = {}
        },
        {
          actions    = ["route53:ListHostedZones", "route53:ListResourceRecordSets", "route53:ListTagsForResource"]
          resources  = ["*"]
          conditions = {}
        },
      ]
    }
  }

  # Publishes order events from the outbox.
  publisher = var.events ? {
    publish-events = {
      namespace       = "shop"
      service_account = "publish-events"
      statements      = [for statement in module.events[0].publisher_statements : merge(statement, { conditions = {} })]
    }
  } : {}

  workloads = merge(local.external_dns, local.publisher)
}

module "pods" {
  source = "./modules/identity/pods"

  name                 = local.name
  cluster_name         = module.cluster.name
  oidc_provider_arn    = module.cluster.oidc_provider_arn
  oidc_issuer          = module.cluster.oidc_issuer
  permissions_boundary = var.permissions_boundary
  workloads            = { for name, workload in local.workloads : name => merge(workload, { method = var.pod_identity }) }
}
