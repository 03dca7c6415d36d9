/**
 * @generated SignedSource<<bfae3cae9487e9f3e3ab1a1517702fd0>>
 * @relayHash fbd5f7b929614567375cbe142ff8edac
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

// @relayRequestID 8a00da5f7d2a7f5d56822d6232c8e3b041c2376fcf0b883fa48d39dcb5811a84

import { ConcreteRequest } from 'relay-runtime';
import { FragmentRefs } from "relay-runtime";
export type FrontPageQuery$variables = {
  first: number;
};
export type FrontPageQuery$data = {
  readonly articles: {
    readonly nodes: ReadonlyArray<{
      readonly related: ReadonlyArray<{
        readonly article: {
          readonly " $fragmentSpreads": FragmentRefs<"ArticleCard_article">;
        } | null | undefined;
      }>;
      readonly " $fragmentSpreads": FragmentRefs<"ArticleCard_article">;
    }>;
  };
  readonly topics: {
    readonly nodes: ReadonlyArray<{
      readonly articleCount: number;
      readonly name: string;
    }>;
  };
};
export type FrontPageQuery = {
  response: FrontPageQuery$data;
  variables: FrontPageQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "first"
  }
],
v1 = [
  {
    "kind": "Variable",
    "name": "first",
    "variableName": "first"
  }
],
v2 = {
  "args": null,
  "kind": "FragmentSpread",
  "name": "ArticleCard_article"
},
v3 = [
  {
    "kind": "Literal",
    "name": "first",
    "value": 2
  },
  {
    "kind": "Literal",
    "name": "resolution",
    "value": "INTERNAL"
  }
],
v4 = [
  {
    "kind": "Literal",
    "name": "first",
    "value": 5
  }
],
v5 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "name",
  "storageKey": null
},
v6 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "articleCount",
  "storageKey": null
},
v7 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "title",
  "storageKey": null
},
v8 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "publishedDateTime",
  "storageKey": null
},
v9 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "id",
  "storageKey": null
},
v10 = {
  "alias": null,
  "args": null,
  "concreteType": "Provider",
  "kind": "LinkedField",
  "name": "provider",
  "plural": false,
  "selections": [
    (v5/*:: as any*/),
    (v9/*:: as any*/)
  ],
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "FrontPageQuery",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "ArticleConnection",
        "kind": "LinkedField",
        "name": "articles",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "Article",
            "kind": "LinkedField",
            "name": "nodes",
            "plural": true,
            "selections": [
              (v2/*:: as any*/),
              {
                "alias": null,
                "args": (v3/*:: as any*/),
                "concreteType": "RelatedStory",
                "kind": "LinkedField",
                "name": "related",
                "plural": true,
                "selections": [
                  {
                    "alias": null,
                    "args": null,
                    "concreteType": "Article",
                    "kind": "LinkedField",
                    "name": "article",
                    "plural": false,
                    "selections": [
                      (v2/*:: as any*/)
                    ],
                    "storageKey": null
                  }
                ],
                "storageKey": "related(first:2,resolution:\"INTERNAL\")"
              }
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": (v4/*:: as any*/),
        "concreteType": "TopicConnection",
        "kind": "LinkedField",
        "name": "topics",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "Topic",
            "kind": "LinkedField",
            "name": "nodes",
            "plural": true,
            "selections": [
              (v5/*:: as any*/),
              (v6/*:: as any*/)
            ],
            "storageKey": null
          }
        ],
        "storageKey": "topics(first:5)"
      }
    ],
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "FrontPageQuery",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": "ArticleConnection",
        "kind": "LinkedField",
        "name": "articles",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "Article",
            "kind": "LinkedField",
            "name": "nodes",
            "plural": true,
            "selections": [
              (v7/*:: as any*/),
              (v8/*:: as any*/),
              (v10/*:: as any*/),
              {
                "alias": null,
                "args": (v3/*:: as any*/),
                "concreteType": "RelatedStory",
                "kind": "LinkedField",
                "name": "related",
                "plural": true,
                "selections": [
                  {
                    "alias": null,
                    "args": null,
                    "concreteType": "Article",
                    "kind": "LinkedField",
                    "name": "article",
                    "plural": false,
                    "selections": [
                      (v7/*:: as any*/),
                      (v8/*:: as any*/),
                      (v10/*:: as any*/),
                      (v9/*:: as any*/)
                    ],
                    "storageKey": null
                  }
                ],
                "storageKey": "related(first:2,resolution:\"INTERNAL\")"
              },
              (v9/*:: as any*/)
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": (v4/*:: as any*/),
        "concreteType": "TopicConnection",
        "kind": "LinkedField",
        "name": "topics",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "concreteType": "Topic",
            "kind": "LinkedField",
            "name": "nodes",
            "plural": true,
            "selections": [
              (v5/*:: as any*/),
              (v6/*:: as any*/),
              (v9/*:: as any*/)
            ],
            "storageKey": null
          }
        ],
        "storageKey": "topics(first:5)"
      }
    ]
  },
  "params": {
    "cacheID": "fbd5f7b929614567375cbe142ff8edac",
    "id": "8a00da5f7d2a7f5d56822d6232c8e3b041c2376fcf0b883fa48d39dcb5811a84",
    "metadata": {},
    "name": "FrontPageQuery",
    "operationKind": "query",
    "text": "query FrontPageQuery(\n  $first: Int!\n) {\n  articles(first: $first) {\n    nodes {\n      ...ArticleCard_article\n      related(first: 2, resolution: INTERNAL) {\n        article {\n          ...ArticleCard_article\n          id\n        }\n      }\n      id\n    }\n  }\n  topics(first: 5) {\n    nodes {\n      name\n      articleCount\n      id\n    }\n  }\n}\n\nfragment ArticleCard_article on Article {\n  title\n  publishedDateTime\n  provider {\n    name\n    id\n  }\n}\n"
  }
};
})();

(node as any).hash = "1bfe2c18f9212d2570bcec9a1fd42dd8";

export default node;
