import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
} from 'graphql';
import type { AnyRow } from '../marks.ts';
import { selectionOf } from './edges.ts';
import { type LoadedPage, PageEdge } from './page-edge.ts';
import {
  type AnyField,
  argumentsOf,
  type ConnectionPlace,
  type Fields,
  type Mark,
  memberName,
  type Place,
  type RowsOf,
  typename,
} from './places.ts';
import type { Member, PlanRun, Selection, Write } from './plan.ts';

/** What compiles the rest of a query. */
export interface Compiling {
  /** What an operation asks of rows of a type. */
  members(of: RowsOf, fields: Fields): Member[];
  collect(type: GraphQLObjectType, nodes: readonly FieldNode[]): Fields;
  /** The type of an entity's rows; nothing else can be planned. */
  objectType(type: GraphQLOutputType): GraphQLObjectType;
}

type WritePage = (page: LoadedPage, run: PlanRun) => string;

/** Compiles a page of a list: what to read of its rows, and what else is asked of it. */
export function compilePage(compiler: Compiling, at: Place, mark: Mark<'page'>): Write {
  const { selection } = at;
  const { by } = mark;
  const list = `${at.type.name}.${at.field.name}`;
  const edge = new PageEdge(mark, { list, page: argumentsOf(at) });
  selection.edges.push(edge);
  const origin = by ? { selection, by, entity: at.type.name } : null;
  const type = getNamedType(at.field.type) as GraphQLObjectType;
  const members = [...compiler.collect(type, at.nodes)].map(([key, nodes], index) => {
    const write = connectionMember(compiler, edge, { type, nodes, origin });
    return { name: memberName(key, index), write };
  });
  return (row, run) => {
    const page = edge.pageOf(row, run);
    let text = '{';
    for (const { name, write } of members) text += name + write(page, run);
    return `${text}}`;
  };
}

function connectionMember(compiler: Compiling, edge: PageEdge, at: ConnectionPlace): WritePage {
  const [node] = at.nodes as [FieldNode];
  switch (node.name.value) {
    case 'totalCount':
      edge.asked.count = true;
      return ({ totalCount }) => String(totalCount);
    case 'nodes': {
      const next = listed(compiler, edge, at);
      return ({ connection }, run) =>
        `[${connection.rows.map((row) => next.write(row as unknown as AnyRow, run)).join(',')}]`;
    }
    case 'edges':
      return edges(compiler, edge, at);
    case 'pageInfo':
      return pageInfo(edge, fieldsOf(compiler, at, 'pageInfo'));
    default: {
      const name = typename(at.type, node)({ id: 0 }, undefined as never);
      return () => name;
    }
  }
}

function edges(compiler: Compiling, edge: PageEdge, at: ConnectionPlace): WritePage {
  const { type, fields } = fieldsOf(compiler, at, 'edges');
  const members = [...fields].map(([key, nodes], index) => {
    const [node] = nodes as [FieldNode];
    const name = memberName(key, index);
    if (node.name.value === 'cursor') {
      edge.asked.position = true;
      return { name, selection: null, text: null };
    }
    if (node.name.value === 'node') {
      return { name, selection: listed(compiler, edge, { ...at, type, nodes }), text: null };
    }
    return { name, selection: null, text: JSON.stringify(type.name) };
  });
  return ({ connection }, run) => {
    const texts = connection.rows.map((each) => {
      const row = each as unknown as AnyRow;
      const parts = members.map(({ name, selection, text }) => {
        if (text !== null) return name + text;
        return name + (selection ? selection.write(row, run) : `"${connection.cursorOf(each)}"`);
      });
      return `{${parts.join('')}}`;
    });
    return `[${texts.join(',')}]`;
  };
}

/** What is asked of the rows of a list. */
function listed(compiler: Compiling, edge: PageEdge, at: ConnectionPlace): Selection {
  const [node] = at.nodes as [FieldNode];
  const field = at.type.getFields()[node.name.value] as AnyField;
  const type = compiler.objectType(field.type);
  const next = selectionOf(edge);
  const of = { selection: next, type, origin: at.origin, path: '' };
  next.members = compiler.members(of, compiler.collect(type, at.nodes));
  return next;
}

function fieldsOf(
  compiler: Compiling,
  at: ConnectionPlace,
  name: string,
): { type: GraphQLObjectType; fields: Fields } {
  const type = getNamedType((at.type.getFields()[name] as AnyField).type) as GraphQLObjectType;
  return { type, fields: compiler.collect(type, at.nodes) };
}

function pageInfo(
  edge: PageEdge,
  { type, fields }: { readonly type: GraphQLObjectType; readonly fields: Fields },
): WritePage {
  const members = [...fields].map(([key, nodes], index) => {
    const name = nodes[0]?.name.value ?? '';
    if (name === 'hasNextPage') edge.asked.hasNextPage = true;
    if (name === 'hasPreviousPage') edge.asked.hasPreviousPage = true;
    if (name === 'startCursor' || name === 'endCursor') edge.asked.position = true;
    const write = PAGE_INFO[name] ?? (() => JSON.stringify(type.name));
    return { name: memberName(key, index), write };
  });
  return (page) => `{${members.map(({ name, write }) => name + write(page)).join('')}}`;
}

const PAGE_INFO: Readonly<Record<string, (page: LoadedPage) => string>> = {
  hasNextPage: (page) => String(page.hasNextPage),
  hasPreviousPage: (page) => String(page.hasPreviousPage),
  startCursor: ({ connection }) => JSON.stringify(connection.pageInfo.startCursor),
  endCursor: ({ connection }) => JSON.stringify(connection.pageInfo.endCursor),
};
