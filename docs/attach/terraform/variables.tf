variable "release" {
  description = "The folder of a release, unpacked."
  type        = string
}

variable "stack_name" {
  description = "The name of Ratchet's stack of CloudFormation."
  type        = string
  default     = "ratchet"
}

variable "parameters" {
  description = "Parameters of Ratchet's template, such as AllowedOrigin and DomainName."
  type        = map(string)
  default     = {}
}
