/** How the columns of a file of sales become items and movements. */
export interface SalesPreset {
  readonly name: string;
  readonly description: string;
  /** Names of the columns in the file's header. */
  readonly columns: {
    /** Lines that follow each other with the same invoice are one movement. */
    readonly invoice: string;
    readonly sku: string;
    readonly itemName: string;
    /** Units sold; below zero they came back. */
    readonly quantity: string;
    readonly time: string;
  };
  /** The time in a column, read as UTC; null when it is none. */
  readonly readTime: (text: string) => Date | null;
  /** Where the goods are sold from. Created when missing. */
  readonly location: { readonly code: string; readonly name: string };
  readonly unit: string;
}

const onlineRetail: SalesPreset = {
  name: 'online-retail',
  description: 'UCI "Online Retail" (Chen, Sain, Guo, 2012): the invoices of a wholesaler',
  columns: {
    invoice: 'InvoiceNo',
    sku: 'StockCode',
    itemName: 'Description',
    quantity: 'Quantity',
    time: 'InvoiceDate',
  },
  readTime: (text) => {
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null;
    const time = new Date(`${text.replace(' ', 'T')}Z`);
    return Number.isNaN(time.getTime()) ? null : time;
  },
  location: { code: 'WAREHOUSE', name: 'Warehouse' },
  unit: 'pcs',
};

/** The files that the import knows, by name. */
export const PRESETS: Readonly<Record<string, SalesPreset>> = {
  [onlineRetail.name]: onlineRetail,
};
