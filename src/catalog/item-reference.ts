/** Names an item: by its key, its SKU, or a barcode of it. */
export type ItemReference =
  | { readonly id: number }
  | { readonly sku: string }
  | { readonly barcode: string };
