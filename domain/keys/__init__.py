"""Keys (钥匙借用登记): what hangs in the cabinet, who has it, who is asked, and whether it is all there (K1–K8)."""
