import {
  type Environment,
  getFragment,
  getSingularSelector,
  type GraphQLTaggedNode,
} from "relay-runtime";
import type { KeyType, KeyTypeData } from "relay-runtime/store/RelayStoreTypes";

/** What the store holds for a fragment, where its reference points. */
export function read<Key extends KeyType>(
  environment: Environment,
  fragment: GraphQLTaggedNode,
  key: Key,
): KeyTypeData<Key> {
  const selector = getSingularSelector(getFragment(fragment), key);
  if (!selector) throw new Error("this is no reference to the fragment");
  return environment.lookup(selector).data as KeyTypeData<Key>;
}
