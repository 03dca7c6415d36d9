"""Small sites as the starter projects of generators make them, in several languages.

Each is a text of files: a line `== path` begins one.
"""

from __future__ import annotations


def files_of(site: str) -> dict[str, str]:
    """The files of a site, by their paths."""
    parts = SITES[site].split("\n== ")
    return dict(part.lstrip("= ").split("\n", 1) for part in parts if part.strip())


SITES = {
    "docusaurus": """
== docusaurus.config.ts
import type {Config} from '@docusaurus/types';
// url: 'https://old.example',
const config: Config = {
  title: 'The Gull',
  tagline: 'News of the harbour',
  url: 'https://gull.example',
  baseUrl: '/',
  i18n: {defaultLocale: 'en', locales: ['en', 'fr']},
  themeConfig: {image: 'img/card.jpg', navbar: {title: 'Menu'}},
};
== README.md
# Website
This website is built using Docusaurus.
== blog/authors.yml
jane:
  name: Jane Doe
  title: Editor
  image_url: https://jane.example/j.png
== blog/2024-05-01-ferry.md
---
slug: ferry
title: The ferry
authors: [jane]
tags: [harbour]
image: /img/ferry.jpg
---
The ferry sails.
== blog/2024-05-02-quay.md
# The quay

It has no front matter.
== blog/2024-05-03-crane/index.mdx
---
unlisted: true
authors:
  - jane
  - name: Bo
---
import Crane from './crane';

# The crane
== blog/2024/05/04/tide.md
---
draft: true
---
# The tide
== docs/intro.md
# Introduction
Welcome.
== docs/01-boats/02-build.md
---
title: Build a boat
---
Wood.
== docs/01-boats/boats.md
# Boats
== docs/tides/README.md
# Tides
== docs/tides/moon.md
---
slug: the-moon
---
# The moon
== docs/_partial.md
A part of other pages.
== i18n/fr/docusaurus-plugin-content-blog/2024-05-01-ferry.md
---
slug: ferry
title: Le bac
---
Le bac part.
== i18n/fr/docusaurus-plugin-content-docs/current/intro.md
# Présentation
""",
    "gatsby": """
== gatsby-config.js
module.exports = {
  siteMetadata: {
    title: `The Gull`,
    siteUrl: `https://gull.example/`,
  },
}
== README.md
<h1>Gatsby's blog starter</h1>
== content/blog/hola/index.md
---
title: ¡Hola!
date: "2024-05-01T22:12:03.284Z"
description: "El primer artículo"
featuredImage: ./salty_egg.jpg
---
Texto.
== content/blog/second/index.md
---
title: Second
date: 2024-05-02
path: /the-second/
---
Text.
""",
    "hexo": """
== _config.yml
title: カモメ
url: https://gull.example
language: ja
permalink: :year/:month/:day/:title/
== package.json
{"dependencies": {"hexo": "^7.0.0"}}
== scaffolds/post.md
---
title: {{ title }}
---
== source/_posts/ferry.md
---
title: 渡し船
date: 2024-05-01 08:30:00
updated: 2024-05-02 08:30:00
categories:
- [港, 船]
tags: [海]
cover: /img/ferry.jpg
---
船が出ます。
== source/_posts/quay.md
---
title: 埠頭
date: 2024-05-02
permalink: own/quay.html
---
== source/_drafts/tide.md
---
title: 潮
---
""",
    "mkdocs": """
== mkdocs.yml
site_name: Die Möwe
site_url: https://gull.example/
theme: {name: material, language: de}
plugins: [blog]
== README.md
# Read me
== docs/index.md
# Willkommen
== docs/boats/README.md
# Boote
== docs/blog/.authors.yml
authors:
  jane: {name: Jane Doe}
== docs/blog/posts/fähre.md
---
date:
  created: 2024-05-01
  updated: 2024-05-02
authors: [jane]
categories: [Hafen]
tags: [Schiffe]
---

# Die Fähre fährt

Um acht Uhr.

<!-- more -->
== docs/blog/posts/kai.md
---
date: 2024-05-02
slug: am-kai
draft: true
---
# Am Kai
""",
    "vitepress": """
== docs/.vitepress/config.mts
export default {title: 'The Gull', description: 'News', sitemap: {hostname: 'https://gull.example'}}
== docs/index.md
---
layout: home
hero:
  name: The Gull
  image: {src: /logo.png, alt: A gull}
---
== docs/boats.md
# Boats

They float.
== docs/zh/boats/index.md
---
lang: zh-CN
---
# 船
""",
    "vuepress": """
== docs/.vuepress/config.js
module.exports = {title: 'The Gull'}
== docs/README.md
---
home: true
heroImage: /logo.png
---
# The Gull
== docs/guide/README.md
# Guide
== docs/ferry.md
---
author: Jane Doe
date: 2024-5-1
tags: [boats]
---
# The ferry
""",
    "nuxt": """
== nuxt.config.ts
export default defineNuxtConfig({modules: ['@nuxt/content']})
== content/index.md
# The Gull
== content/1.boats/2.ferry.md
---
title: The ferry
image: {src: /ferry.jpg, alt: A ferry}
authors: [{name: Jane Doe, to: 'https://jane.example'}]
date: 2024-05-01
---
== content/2.about.md
# About us
== content/_part.md
# A part
""",
    "pelican": """
== pelicanconf.py
AUTHOR = "Jane"
SITENAME = "La mouette"
SITEURL = ""
PATH = "content"
TIMEZONE = "Europe/Paris"
DEFAULT_LANG = "fr"
ARTICLE_URL = "{date:%Y}/{date:%m}/{slug}/"
PLUGINS = [name for name in ("sitemap",)]
== publishconf.py
from pelicanconf import *
SITEURL = "https://gull.example"
== content/bac.md
Title: Le bac : départ
Date: 2024-05-01 10:20
Modified: 2024-05-02 10:20
Category: Port
Tags: mer; bateaux
Slug: le-bac
Authors: Jane Doe, Bo
Summary: Il part.
Image: {static}/images/bac.jpg

Le bac part.
== content/quai/grue.md
Title: La grue
Date: 2024-05-02
Status: hidden

Elle tourne.
== content/quai/marée.md
Title: Marée
Date: 2024-05-03

Elle monte.
== content/pages/nous.md
Title: À propos

Texte.
""",
    "nikola": """
== conf.py
BLOG_TITLE = "Mewa"
SITE_URL = "https://gull.example/"
DEFAULT_LANG = "pl"
TIMEZONE = "Europe/Warsaw"
== posts/prom.md
<!--
.. title: Prom płynie
.. slug: prom
.. date: 2024-05-01 08:30:00 UTC+02:00
.. tags: morze, statki
.. category: port
.. author: Jane Doe
-->

Prom płynie.
== posts/dok.md
.. title: Dok
.. date: 2024-05-02
.. tags: draft, morze

Tekst.
""",
    "quarto": """
== _quarto.yml
project: {type: website}
website: {title: The Gull, site-url: 'https://gull.example'}
== README.md
# Read me
== posts/ferry/index.qmd
---
title: The ferry
author:
  - name: {given: Jane, family: Doe}
    affiliation: Harbour
date: "2024-05-01"
categories: [boats, sea]
image: ferry.jpg
---
Text.
== posts/quay/index.qmd
---
title: The quay
date: last-modified
draft: true
---
Text.
""",
    "obsidian": """
== .obsidian/app.json
{}
== Harbour.md
---
tags: '#boats #sea'
author: '[[People/Jane Doe|Jane Doe]]'
created: '[[2024-05-01]]'
cover: '[[harbour.jpg]]'
---
See [[Quay|the quay]].
== Daily/2024-05-02.md
The quay is closed.
== Templates/Note.md
---
created: {{date}}
---
""",
    "astro": """
== astro.config.mjs
import { defineConfig } from 'astro/config';
export default defineConfig({
	site: 'https://gull.example',
	integrations: [mdx(), sitemap()],
});
== README.md
# Astro Starter Kit: Blog
== src/content/blog/ferry.md
---
title: 'The ferry'
description: 'It sails'
pubDate: 'May 01 2024'
updatedDate: 'May 02 2024'
heroImage: '/ferry.jpg'
tags: ['boats']
author: Jane Doe
---
Text.
== src/content/blog/quay.mdx
---
title: 'The quay'
pubDate: 2024-05-02
heroImage: '../../assets/quay.jpg'
draft: true
---
import Quay from '../Quay.astro';
== src/pages/about.md
# About us
== src/content/blog/_note.md
# A note
""",
    "eleventy": """
== eleventy.config.js
export default function(eleventyConfig) {}
== README.md
# eleventy-base-blog
== _data/metadata.js
export default {
	title: "The Gull",
	url: "https://gull.example/",
	language: "en",
	description: "News of the harbour",
	author: {name: "Jane Doe", email: "jane@gull.example", url: "https://jane.example/"},
}
== content/404.md
---
permalink: 404.html
---
# Not found
== content/about.md
# About us
== content/blog/ferry.md
---
title: The ferry
date: 2024-05-01
tags:
  - posts
  - boats
---
Text.
== content/blog/quay/quay.md
---
title: The quay
date: Last Modified
tags: posts
draft: true
permalink: "/{{ title | slugify }}/"
---
Text.
== content/blog/hidden.md
---
title: Hidden
eleventyExcludeFromCollections: true
---
Text.
""",
    "jekyll": """
== _config.yml
title: The Gull
url: "https://gull.example"
permalink: pretty
collections: {boats: {output: true}, crew: {output: false}}
== README.md
# The Gull
== 404.html
---
permalink: /404.html
---
== index.markdown
---
layout: home
---
== about.markdown
---
title: About
---
== _posts/2024-05-01-ferry.markdown
---
layout: post
title: "The ferry"
date: 2024-05-01 10:12:00 +0200
categories: harbour boats
redirect_from: [/old/]
---
Text.
== _drafts/quay.md
---
title: The quay
---
== _posts/2024-05-02-tide.md
---
published: false
---
# The tide
== _boats/gull.md
---
title: Gull
---
== _crew/jane.md
---
name: Jane
---
""",
    "zola": """
== config.toml
base_url = "https://gull.example"
title = "The Gull"
taxonomies = [{name = "categories"}, {name = "tags"}]
[languages.fr]
== content/_index.md
+++
+++
== content/posts/_index.md
+++
title = "Posts"
transparent = true
+++
== content/posts/2024-05-01-ferry.md
+++
title = "The ferry"
updated = 2024-05-02
[taxonomies]
categories = ["Harbour"]
tags = ["boats"]
[extra]
author = "Jane Doe"
image = "/ferry.jpg"
+++
Text.
== content/posts/ferry.fr.md
+++
title = "Le bac"
date = 2024-05-01
draft = true
+++
== content/posts/quay/index.md
+++
title = "The quay"
path = "the/quay"
+++
== content/posts/quay/notes.md
+++
title = "Notes"
+++
== content/posts/part.md
+++
title = "Part"
render = false
+++
""",
    "decap": """
== admin/config.yml
site_url: https://gull.example
i18n: {structure: single_file, locales: [de, en], default_locale: de}
collections:
  - name: blog
    folder: posts
    i18n: true
    fields:
      - {name: title, widget: string, i18n: true}
      - {name: date, widget: datetime, i18n: duplicate}
      - {name: body, widget: markdown, i18n: true}
== posts/ferry.md
---
de:
  title: Die Fähre
  date: 2024-05-01
  body: Sie fährt.
en:
  title: The ferry
  body: It sails.
---
""",
    "hugo": """
== hugo.toml
baseURL = 'https://gull.example/'
title = 'The Gull'
defaultContentLanguage = 'en'
[languages.en]
[languages.ar]
title = 'النورس'
[permalinks]
posts = '/:year/:sections[1:]/:slugorcontentbasename/'
[[module.mounts]]
source = 'content'
target = 'content'
[[module.mounts]]
source = 'handbook'
target = 'content/docs'
== README.md
# Read me
== content/_index.md
---
title: Home
---
== content/about/index.md
---
title: About
url: about-us/
---
== content/about/index.ar.md
---
title: من نحن
url: about-us/
---
== content/about/notes.md
---
title: Notes
---
== content/about/more/deep.md
---
title: Deep
---
== content/posts/_index.md
---
title: Posts
cascade:
  - author: Jane Doe
    images: [/gull.jpg]
    _target: {kind: page, path: '{/posts/**,/news/**}'}
---
== content/posts/ferry.md
+++
title = 'The ferry'
date = 2024-05-01
tags = ['boats']
aliases = ['/old/']
[params.cover]
image = '/ferry.jpg'
+++
== content/posts/2024/quay.ar.md
---
title: الرصيف
date: 2024-05-02
slug: quay
author: علي
---
== content/posts/headless/index.md
---
title: Headless
headless: true
---
== content/posts/never.md
---
title: Never
build: {render: never, list: never}
---
== content/plain.md
# No front matter
== handbook/rules.md
---
title: Rules
---
""",
}
