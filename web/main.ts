// Starts the wallet.

import { mount } from 'svelte'
import App from './App.svelte'
import './styles/tokens.css'
import './styles/base.css'

const target = document.getElementById('app')
if (target === null) throw new Error('index.html has lost its #app')
mount(App, { target })
