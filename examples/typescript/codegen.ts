import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  // The URL of a server's schema, or a file.
  schema: process.env["NEWSGRAPH_SCHEMA"] ?? "http://127.0.0.1:8000/schema.graphql",
  documents: ["src/*.ts"],
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: {
        fragmentMasking: { unmaskFunctionName: "readFragment" },
        // Writes src/gql/persisted-documents.json, which the server takes as it is.
        persistedDocuments: { hashAlgorithm: "sha256" },
      },
      config: {
        scalars: { DateTime: "string", JSON: "unknown" },
        useTypeImports: true,
      },
    },
  },
  importExtension: ".js",
};

export default config;
