print("shopfn")
